BBBBBBB BBBBBBBBBBB
BBBB BBBB BBBBBBB
BBBBB BBBBB gettext(u'Evidence pack') BBBBBBBB
BBBBB BBBBBBB gettext(u'Evidence pack') BBBBBBBB
BBBBB BBBB gettext(u'Everything of a period for the auditor, in one archive that can be checked without this console.') BBBBBBBB
BBBBB BBBB
  XXXXXXXX XXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXXX
    XXXXXXX XXXXXXXXXXXXXXXXXX XXXXXXXXXXXX gettext(u'Period') XXXXXXXXXXXXXX
    XXXXX XXXXXXXXXX XXXXXXX XXXXXXXXXXXXX XXXXXXXXBBB BBBBBBBBBBXX
      BBBBBBBBBB
      BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBB
      XXXX XXXXXXXXXXXXXXXXXX
      XXXX XXXXXXXXXXXXXXXXXXX XXXXXXXXXX XXXXXXXXXBBBB BBBBBBBBBBBBBB gettext(u'Make the pack') XXXXXXXXXXXXXXX
      XX XXXXXXXXXXXXX gettext(u"The pack of one payment stands on that payment's page, under Files and approvals.") XXXX
    XXXXXXX
  XXXXXXXXXX
  XXXXXXXX XXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXXX
    XXXXXXX XXXXXXXXXXXXXXXXXX XXXXXXXXXXXX gettext(u'What is inside') XXXXXXXXXXXXXX
    XXX XXXXXXXXXXXXX
      XXXXBBBB BBBBBBBBBBBBXXXXXXXXXX XXXXXXXXXX gettext(u'Payments uploaded in the period') XXXXXXXXXXXX XXXXXXXXXXXX gettext(u"Sealed files, approvals with the digest each person signed, every status change with its chain, the bank's answers, vouchers.") XXXXXXXXXXXXXXXXXX
      XXXXBBBB BBBBBBBBBBBXXXXXXXXXX XXXXXXXXXX gettext(u'Vouchers and postings of the period') XXXXXXXXXXXX XXXXXXXXXXXX gettext(u'With their seals and where each came from.') XXXXXXXXXXXXXXXXXX
      XXXXBBBB BBBBBBBBBBBXXXXXXXXXX XXXXXXXXXX gettext(u'Bank files received in the period') XXXXXXXXXXXX XXXXXXXXXXXX gettext(u'Byte for byte.') XXXXXXXXXXXXXXXXXX
      XXXXBBBB BBBBBBBBBBBBBBXXXXXXXXXX XXXXXXXXXX gettext(u'Proof') XXXXXXXXXXXX XXXXXXXXXXXX gettext(u'SHA-256 of every file, a note how to check them, and a small program that does.') BB BBB BBBBBBBBBBBBBB  gettext(u'Salary payments are left out: they need the payroll role.') BBBBBXXXXXXXXXXXXXXXXXX
    XXXXX
  XXXXXXXXXX
BBBBBBBB
