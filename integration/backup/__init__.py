"""Backup and restore of what an installation cannot lose: the database and the data area. Keys are kept elsewhere.

The database is copied first and the files after it. A stored file is whole on the disk before its row is committed,
and is never changed, so every row of the copy finds its file, whatever the console did meanwhile; files that came
later than the copy are a surplus no row names. The other way round a row could be without its file.
"""
