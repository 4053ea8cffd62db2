"""What mail clients write around quotes: a table for each purpose, Polish first.

Read by `mail.separators`. Forms stand between ` | `, each a fragment of a regular expression; a new client is one more.
"""

from __future__ import annotations

import re

FIRST_LETTER = re.compile(r"[^\W_](?![?*{])")  # that must be there

TABLE: dict[str, str] = {
    "attribution_begins": (
        r"w dniu | w liście | dnia | dn\. | pon\.? | wt\.? | śr\.? | czw\.? | pt\.? | sob\.? | niedz\.? | "
        r"nd\.? | poniedziałek | wtorek | środa | czwartek | piątek | sobota | niedziela | "
        r"wiadomość napisana przez | użytkownik | on | at | mon | tue | wed | thu | fri | sat | sun | "
        r"monday | tuesday | wednesday | thursday | friday | saturday | sunday | am | von | le | el | il | "
        r"em | op | på | den | dne | vào | il giorno | quoting | citando"
    ),
    "attribution_verb": (
        r"napisał | napisała | napisał\(a\) | napisał\(-a\) | napisał/a | napisano | pisze | pisał | "
        r"pisała | pisał\(a\) | napisana przez | wrote | writes | said | sent | schrieb | schreibt | "
        r"geschrieben | a écrit | écrit | escribió | ha scritto | escreveu | schreef | skrev | napsal | "
        r"napsala | napsal\(a\) | kirjoitti | написал | написала | пишет | 写道 | đã viết"
    ),
    "label_from": (
        r"od | nadawca | from | von | absender | de | da | van | fra | från | expéditeur | отправитель | "
        r"от"
    ),
    "label_date": (
        r"wysłano | wysłane | wysłany | wyslano | data | data wysłania | date | sent | sent at | gesendet | "
        r"datum | envoyé | enviado | inviato | verzonden | skickat | sendt | fecha | дата"
    ),
    "label_subject": (
        r"temat | subject | betreff | objet | asunto | assunto | oggetto | onderwerp | ämne | emne | тема"
    ),
    "label_other": (
        r"do | dw | udw | temat | kopia | ważność | adresat | to | cc | bcc | subject | importance | "
        r"reply-to | attachments | an | betreff | kopie | wichtigkeit | à | objet | para | asunto | "
        r"assunto | a | oggetto | risposta | aan | onderwerp | till | ämne | til | emne | тема | кому | "
        r"załączniki | anlagen"
    ),
    "original": (
        r"wiadomość oryginalna | oryginalna wiadomość | pierwotna wiadomość | wiadomość pierwotna | "
        r"wiadomosc oryginalna | oryginalny list | original message | original appointment | reply message | "
        r"original e?-?mail | ursprüngliche nachricht | original-?nachricht | ursprungliche nachricht | "
        r"message d'origine | mensaje original | mensagem original | messaggio originale | "
        r"oorspronkelijk bericht | originalmeddelande | original besked"
    ),
    "forwarded": (
        r"wiadomość przekazana | przekazana wiadomość | treść przekazanej wiadomości | "
        r"początek przesłanej dalej wiadomości | początek przekazywanej wiadomości | "
        r"początek przekazanej wiadomości | przesłana wiadomość | wiadomość przesłana dalej | "
        r"forwarded message | begin forwarded message | forwarded by | forwarded mail | "
        r"weitergeleitete nachricht | anfang der weitergeleiteten (?:nachricht|e-mail) | "
        r"weitergeleitet von | message transféré | mensaje reenviado | messaggio inoltrato"
    ),
    "above": (
        r"(?:prosimy |proszę )?(?:pisać|pisz|odpowiedz|odpowiadać|odpowiadaj|odpisać|wpisz odpowiedź|"
        r"odpowiedź)[^\n]{0,30}(?:powyżej|nad)[^\n]{0,20}(?:linii|linią|kreski|kreską) | "
        r"(?:please )?(?:type|write|enter|reply|respond)[^\n]{0,40}above[^\n]{0,20}line | "
        r"(?:bitte )?(?:antwort|antworten|schreiben)[^\n]{0,40}(?:oberhalb|über)[^\n]{0,20}(?:linie|zeile)"
    ),
    "device": (
        r"wysłan[eoay] (?:z|ze) (?:\S+ ){0,4}?(?:\S*(?:iphone|ipad|telefon|smartfon|android|samsung|galaxy|"
        r"huawei|xiaomi|urządze|tablet|outlook|poczt|windows|yahoo|gmail|wp|onet|o2|"
        r"interi|k-9|thunderbird|mobiln)\S*)(?: [^.\n]{0,40})?\.? | "
        r"wysłan[eoay] (?:za pomocą|przy użyciu|przy pomocy|przez|z użyciem) [^.\n]{1,60}\.? | "
        r"(?:pobierz|uzyskaj) (?:dostęp do )?(?:aplikac\w+ )?(?:program\w* )?outlook[^\n]{0,40} | "
        r"sent (?:from|via|with|using) (?:my |the )?(?:\w+ ){0,3}?(?:\S*(?:iphone|ipad|ipod|android|galaxy|"
        r"samsung|blackberry|windows|huawei|xiaomi|nokia|htc|lg|pixel|xperia|phone|mobile|tablet|outlook|mail|"
        r"mailbox|spark|yahoo|gmail|proton|nine|handheld)\S*)(?: [^.,\n]{0,40})?\.? | "
        r"sent (?:from|via) \S{0,20}app | get outlook for \w+[^\n]{0,40} | "
        r"(?:diese nachricht wurde )?von meine?[mr]?(?:/meine?[mr]?)? .{1,40} gesendet\.? | "
        r"gesendet (?:von|mit) (?:meinem? |der )?[^.\n]{1,50}\.? | holen sie sich outlook [^\n]{1,40} | "
        r"outlook für \w+ herunterladen | posl[aá]no z [^.\n]{1,40} | надіслано з [^.\n]{1,40} | "
        r"отправлено (?:с|из) [^.\n]{1,40} | "
        r"envoyé de(?:puis)? mon [^.\n]{1,40} | enviado desde mi [^.\n]{1,40} | "
        r"enviado do meu [^.\n]{1,40} | inviato da(?:l mio)? [^.\n]{1,40} | "
        r"verstuurd vanaf mijn [^.\n]{1,40} | skickat från min [^.\n]{1,40} | sendt fra min [^.\n]{1,40}"
    ),
    "valediction": (
        r"z poważaniem | z powazaniem | "
        r"(?:serdecznie |gorąco )?pozdrawiam(?: serdecznie)?(?: i życzę miłego dnia)? | "
        r"po?zdr | (?:serdeczne )?pozdrowienia | łączę pozdrowienia | z pozdrowieniami | z wyrazami szacunku | "
        r"(?:kind |best |warm |with (?:kind |best )?)?regards | yours (?:sincerely|faithfully|truly) | "
        r"sincerely(?: yours)? | best wishes | "
        r"mit (?:freundlichen|besten|herzlichen|vielen) gr(?:ü|ue)(?:ß|ss)en | "
        r"(?:freundliche|viele|beste|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e(?:n)? | mfg | lg | vg | "
        r"hochachtungsvoll | kh | mvh | (?:med )?venlig hilsen | med vänliga? hälsning(?:ar)? | "
        r"vänliga hälsningar | met vriendelijke groet(?:en)? | groeten | (?:bien )?cordialement | "
        r"saludos(?: cordiales)? | cordiali saluti | atenciosamente | с уважением"
    ),
    "list_footer": (
        r"mailing list | mailinglist | lista dyskusyjna | listinfo | mailing list subscription | "
        r"mailing-?list"
    ),
}


def words(purpose: str) -> str:
    """Return the purpose's forms as one alternation, longer ones first where they share a beginning.

    Where each form begins with a letter, that is looked at before they are tried one by one: most lines fail there.
    """
    forms = sorted(dict.fromkeys(TABLE[purpose].split(" | ")), key=len, reverse=True)
    alternation = "|".join(forms)
    if not all(map(FIRST_LETTER.match, forms)):
        return alternation
    return f"(?=[{''.join(sorted({form[0] for form in forms}))}])(?:{alternation})"
