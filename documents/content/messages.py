"""Sentences people read about files: what happened and what to do (ISO 9001:2015, 7.5.2).

English is the message id; the Vietnamese stands in the catalogue `content.po`.
"""

from typing import Final


def N_(text: str) -> str:
    """Mark a sentence for translation; returns it unchanged."""
    return text


MALFORMED_NAME: Final = N_("The name has no usable letters before the ending; rename the file.")
RESERVED_NAME: Final = N_("Windows keeps this name for itself; rename the file.")
QUOTED_NAME: Final = N_("The name has a quotation mark and a second name in it; rename the file.")
NO_NAME: Final = N_("The file has no name; give it one and send it again.")

REFUSALS: Final[dict[str, str]] = {
    "empty": N_("The file is empty. Check that it was saved, then send it again."),
    "too-large": N_("The file is larger than the limit of %(limit_mb)s MB. Make it smaller."),
    "type-not-allowed": N_(
        "Only .docx, .xlsx and .pdf files are taken. Save the file as one of these, then send it."
    ),
    "wrong-type": N_(
        "The content is not what the name says. Open the file in Office and save it as .docx, "
        ".xlsx or .pdf; changing the name is not enough."
    ),
    "damaged": N_("The file is damaged. Open it in Office, save it again, then send it."),
    "password": N_("The file is protected by a password. Remove the password, then send it."),
    "password-or-wrong-type": N_(
        "The file is protected by a password or is an old Office file. Remove the password or "
        "save it as .docx or .xlsx, then send it."
    ),
    "macro": N_("The file has macros. Save it as .docx or .xlsx without macros, then send it."),
    "xml-entity": N_(
        "The file has XML definitions that are not allowed. Open it in Office, save it again, "
        "then send it."
    ),
    "unpacked-too-large": N_(
        "The file unpacks to more than can be opened safely (limit %(unpacked_mb)s MB). "
        "Make pictures smaller or split the file."
    ),
    "too-many-parts": N_(
        "The file has more than %(parts)s parts inside, too many to open safely. "
        "Split it or save it again in Office."
    ),
    "too-complex": N_(
        "The file is too complex to open safely. Split it, or save it again in Office, "
        "then send it."
    ),
    "unsafe-part-name": N_(
        "The file has part names inside that are not allowed. Open it in Office, save it again, "
        "then send it."
    ),
    "external-content": N_(
        "The file loads content from elsewhere. Embed that content in the file, then send it."
    ),
    "embedded-file": N_(
        "The file has another file inside that is not allowed. Remove it, then send the rest."
    ),
    "active-content": N_(
        "The PDF has scripts, actions or attached files. Print it to a new PDF, then send that."
    ),
    "malware": N_("The scanner reported malware in the file. Do not open it; tell the IT staff."),
    "bad-name": N_("The name of the file cannot be used. Rename the file, then send it again."),
}
