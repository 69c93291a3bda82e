"""Long files: flat memory, and the same facts as a short one."""

import tracemalloc

from payments.iso20022.reading import entries, survey
from tests.payments.iso20022.reading_tools import a_detail, an_entry, camt054

KID = "<RmtInf><Strd><CdtrRefInf><Ref>00001234500000100011</Ref></CdtrRefInf></Strd></RmtInf>"


def peak_of(folder, count):
    path = folder / f"{count}.xml"
    path.write_text(camt054(*(an_entry(a_detail("1000.00", more=KID)) for _ in range(count))))
    tracemalloc.start()
    found = survey(path)
    total = sum(1 for _ in entries(path, found))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == found.entries == count
    return peak


def test_ten_times_the_entries_need_no_more_memory(tmp_path):
    peak_of(tmp_path, 50)  # fills the caches
    assert peak_of(tmp_path, 3000) < peak_of(tmp_path, 300) + 200_000


def test_one_entry_with_many_details_keeps_them_all(tmp_path):
    path = tmp_path / "many.xml"
    path.write_text(camt054(an_entry(a_detail("1.00") * 2000, amount="2000.00")))
    found = survey(path)
    assert (found.entries, found.details, found.not_adding_up) == (1, 2000, 0)
