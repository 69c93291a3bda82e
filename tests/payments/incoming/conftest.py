"""Every test of this folder keeps its files in a data area of its own."""

import pytest


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"
