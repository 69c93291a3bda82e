BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBB
BBBB BBBB BBBBBBB
BBBBB BBBBBBBBBBBB gettext(u'Enter key for %(name)s') SSSSS SSS SSS SSSSSSSSBBBBBBBB
BBBBB BBBBBBBBBBBBB BBBB gettext(u'The key in force here has the fingerprint %(here)s. It stays good for a day after the change.') SSS SSS SS SSSSS SSSS SSS SSS SSSSSSSSSSS SSSSSSSSS SS SSSSS SSSS SSS S SSS SSSSS SSS SSSSSSSBBBB gettext(u'There is no signing key here yet.') BBBBBBBBBBBBB
BBBBB BBBBBBBBBBB
  BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBB
  
  XX XXXXXXXXXXXXX gettext(u'Usually “Export/update companies” fetches the key by itself. Enter it by hand when it was changed in Visma.net.') XXXX
BBBBBBBB
BBBBB BBBBBBBBBBBBBBXXXXXXX XXXXXXXXXX XXXXXXXXXBBBB BBBBBBBBBBB gettext(u'Enter key') XXXXXXXXXBBBBBBBB
