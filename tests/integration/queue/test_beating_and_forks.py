"""A pool child must never be born in the middle of a heartbeat: it would find the database locked for ever."""

import os
import threading

from integration.queue import beating


def test_a_fork_waits_until_the_beat_is_written():
    held, forked = threading.Event(), threading.Event()

    def fork():
        held.wait(10)
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        forked.set()

    forker = threading.Thread(target=fork)
    forker.start()
    with beating._BEATING:
        held.set()
        assert not forked.wait(0.3)
    assert forked.wait(10)
    forker.join()
