"""What Internet mail is: parsing, classifying, folding quotes, composing. Knows no ticket; pure.

parse           raw bytes → InboundMessage          message     the values handed upwards
fields, mime    header blocks; the tree of parts    parameters, transfer, words, charset   their encodings
addresses, identifiers   people; message ids        content, pieces, attachments   text and files
tnef, rtf, smime, uuencode   wrapped mail opened    html, htmltext, text   made harmless, made readable
body, quotes, separators, phrases   the new text    proof, inline   what of it we sent, and what stands between
pictures        those inside a text                 language    the one it is written in
classify, automatic   what kind of mail             dsn, bounces, status   what did not arrive
authentication  whether From is vouched for         relays      ids that others gave our mail
compose, field_writing   mail that goes out         describe    the row of `helpdesk parse`
invitation, vtimezone, calendar_answer   visits in people's calendars              bounds   how much is read
"""
