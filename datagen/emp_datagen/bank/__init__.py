"""The phrase bank: what good replies and clinical errors are made of, when, and how to tell.

`errors.yml` is the taxonomy of clinical errors, `strategies.yml` the table from a client's state to
what a good reply does, `words.yml` fills slots. A user's folder can replace any of the three.
"""

from emp_datagen.bank.compose import Brief, error, good
from emp_datagen.bank.load import AT_RISK, MISSED_RISK, SHIPPED, Bank, Split, load_bank
from emp_datagen.bank.recognise import Recognition, recognise

__all__ = [
    "AT_RISK",
    "MISSED_RISK",
    "SHIPPED",
    "Bank",
    "Brief",
    "Recognition",
    "Split",
    "error",
    "good",
    "load_bank",
    "recognise",
]
