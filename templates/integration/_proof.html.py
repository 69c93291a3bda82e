BBBB BBBB BBBBBBB
BB BBBBB
  XXXX XXXXXXXXXXXXXXXXX
    BBB BBB BB BBBBBBBBBBBBBB
      BB BBBBBBBBBBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBBB BBBBBBBBBBBBB
      BBBB
        BB BBBBBBBBBBB BB BBBBBBBB gettext(u'The payment file is not valid') 
        BBBB BBBBBBBBBBB BB BBBBBBBBBBBBB gettext(u'The gateway is not reached') 
        BBBB BBBBBBBBBBB BB BBBBBBBBBBB gettext(u'The signature is wrong') 
        BBBB BBBBBBBBBBB BB BBBBBBBBB gettext(u'The gateway means another company') 
        BBBB BBBBBBBBBBB BB BBBBBBBBBBB gettext(u'There is nothing to send with') 
        BBBB gettext(u'The gateway refused') BBBBB
         gettext(u'%(text)s %(remedy)s') SSSSSSSS SSSSSSSSSS
        BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBBBBB BBBBBBBBB BBBBBBB
      BBBBB
    BBBBBB
  XXXXXX
  XX XXXXXXXXXXXXXBBBB BBBBBBBB BB BBBBBB gettext(u'Tried by %(who)s, %(moment)s.') SSSSS SS SSSSSSSS SSSSSSSSSSS
    BB BBBBBBBBBB BBB BBBBBBBBBBB gettext(u'A payment would go through.') BBBBB BBBBBB BBBBBBBBBBB BBBBBBBBBB gettext(u'Older than a day: prove it again.') BBBBB BBBBBB BBBBBBBBBBB gettext(u'A payment would not go through.') BBBBB BBBBB BBBBBBBBBBBBXXXX
BBBB
  XX XXXXXXXXXXXXX gettext(u'Nobody has tried yet.') XXXX
BBBBB
