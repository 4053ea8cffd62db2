"""The words that mail clients put around quotes, a table for each purpose, Polish first.

Read by `mail.separators`. Each entry is a fragment of a regular expression for one client's or language's form.
"""

from __future__ import annotations

TABLE: dict[str, tuple[str, ...]] = {
    "attribution_begins": (
        "w dniu", "dnia", "dn\\.", "pon\\.?", "wt\\.?", "śr\\.?", "czw\\.?", "pt\\.?", "sob\\.?", "niedz\\.?", "nd\\.?", "poniedziałek", "wtorek", "środa",
        "czwartek", "piątek", "sobota", "niedziela", "wiadomość napisana przez", "użytkownik",
        "on", "at", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
        "am", "von", "le", "el", "il", "em", "op", "på", "den", "dne", "vào", "em", "il giorno", "em", "quoting", "citando",
    ),
    "attribution_verb": (
        "napisał", "napisała", "napisał\\(a\\)", "napisał\\(-a\\)", "napisał/a", "napisano", "pisze", "pisał", "pisała", "pisał\\(a\\)", "napisana przez",
        "wrote", "writes", "said", "sent", "schrieb", "schreibt", "geschrieben", "a écrit", "écrit", "escribió", "ha scritto", "escreveu", "schreef",
        "skrev", "napsal", "napsala", "napsal\\(a\\)", "kirjoitti", "написал", "написала", "пишет", "写道", "đã viết",
    ),
    "label_from": ("od", "nadawca", "from", "von", "absender", "de", "da", "van", "fra", "från", "expéditeur", "отправитель", "от"),
    "label_date": ("wysłano", "wysłany", "wyslano", "data", "data wysłania", "date", "sent", "sent at", "gesendet", "datum", "envoyé", "enviado", "inviato", "verzonden",
                   "skickat", "sendt", "fecha", "дата"),
    "label_other": (
        "do", "dw", "udw", "temat", "kopia", "ważność", "adresat", "to", "cc", "bcc", "subject", "importance", "reply-to", "attachments", "an", "betreff", "kopie", "wichtigkeit",
        "à", "objet", "para", "asunto", "assunto", "a", "oggetto", "risposta", "aan", "onderwerp", "till", "ämne", "til", "emne", "тема", "кому", "załączniki", "anlagen",
    ),
    "original": (
        "wiadomość oryginalna", "oryginalna wiadomość", "pierwotna wiadomość", "wiadomość pierwotna", "wiadomosc oryginalna", "oryginalny list", "original message",
        "original appointment", "reply message", "original e?-?mail", "ursprüngliche nachricht", "original-?nachricht", "ursprungliche nachricht", "message d'origine",
        "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht", "originalmeddelande", "original besked",
    ),
    "forwarded": (
        "wiadomość przekazana", "przekazana wiadomość", "treść przekazanej wiadomości", "początek przesłanej dalej wiadomości", "początek przekazywanej wiadomości",
        "początek przekazanej wiadomości", "przesłana wiadomość", "wiadomość przesłana dalej", "forwarded message", "begin forwarded message", "forwarded by", "forwarded mail",
        "weitergeleitete nachricht", "anfang der weitergeleiteten (?:nachricht|e-mail)", "weitergeleitet von", "message transféré", "mensaje reenviado", "messaggio inoltrato",
    ),
    "above": (
        "(?:prosimy |proszę )?(?:pisać|pisz|odpowiedz|odpowiadać|odpowiadaj|odpisać|wpisz odpowiedź|odpowiedź)[^\\n]{0,30}(?:powyżej|nad)[^\\n]{0,20}(?:linii|linią|kreski|kreską)",
        "(?:please )?(?:type|write|enter|reply|respond)[^\\n]{0,40}above[^\\n]{0,20}line",
        "(?:bitte )?(?:antwort|antworten|schreiben)[^\\n]{0,40}(?:oberhalb|über)[^\\n]{0,20}(?:linie|zeile)",
    ),
    "device": (
        "wysłan[eoay] (?:z|ze) (?:\\S+ ){0,4}?(?:\\S*(?:iphone|ipad|telefon|smartfon|android|samsung|galaxy|huawei|xiaomi|urządze|tablet|outlook|poczt|windows|yahoo|gmail|wp|onet|o2|interi)\\S*)(?: [^.\\n]{0,40})?\\.?",
        "wysłan[eoay] (?:za pomocą|przy użyciu|przez|z użyciem) [^.\\n]{1,60}\\.?",
        "pobierz (?:aplikację )?(?:program )?outlook[^\\n]{0,40}",
        "sent (?:from|via|with|using) (?:my |the )?(?:\\w+ ){0,3}?(?:\\S*(?:iphone|ipad|ipod|android|galaxy|samsung|blackberry|windows|huawei|xiaomi|nokia|htc|lg|pixel|xperia|phone|"
        "mobile|tablet|outlook|mail|mailbox|spark|yahoo|gmail|proton|nine|handheld)\\S*)(?: [^.,\\n]{0,40})?\\.?",
        "get outlook for \\w+[^\\n]{0,40}",
        "(?:diese nachricht wurde )?von meinem? .{1,40} gesendet\\.?",
        "gesendet (?:von|mit) (?:meinem? |der )?[^.\\n]{1,50}\\.?",
        "holen sie sich outlook [^\\n]{1,40}",
        "envoyé de(?:puis)? mon [^.\\n]{1,40}", "enviado desde mi [^.\\n]{1,40}", "enviado do meu [^.\\n]{1,40}", "inviato da(?:l mio)? [^.\\n]{1,40}",
        "verstuurd vanaf mijn [^.\\n]{1,40}", "skickat från min [^.\\n]{1,40}", "sendt fra min [^.\\n]{1,40}",
    ),
    "valediction": (
        "z poważaniem", "z powazaniem", "(?:serdecznie |gorąco )?pozdrawiam(?: serdecznie)?(?: i życzę miłego dnia)?", "(?:serdeczne )?pozdrowienia", "łączę pozdrowienia",
        "z pozdrowieniami", "z wyrazami szacunku", "(?:kind |best |warm |with (?:kind |best )?)?regards", "yours (?:sincerely|faithfully|truly)", "sincerely(?: yours)?",
        "best wishes", "mit (?:freundlichen|besten|herzlichen|vielen) gr(?:ü|ue)(?:ß|ss)en", "(?:freundliche|viele|beste|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e(?:n)?",
        "mfg", "lg", "vg", "hochachtungsvoll", "kh", "mvh", "(?:med )?venlig hilsen", "med vänliga? hälsning(?:ar)?", "vänliga hälsningar", "met vriendelijke groet(?:en)?",
        "groeten", "(?:bien )?cordialement", "saludos(?: cordiales)?", "cordiali saluti", "atenciosamente", "с уважением",
    ),
    "list_footer": ("mailing list", "mailinglist", "lista dyskusyjna", "listinfo", "mailing list subscription", "mailing-?list"),
}  # fmt: skip


def words(purpose: str) -> str:
    """Return the purpose's forms as one alternation, longer ones first where they share a beginning."""
    return "|".join(sorted(dict.fromkeys(TABLE[purpose]), key=len, reverse=True))
