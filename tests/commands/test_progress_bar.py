"""While a verb works on a terminal, it shows the phase and the time, also where the phase says nothing."""

import io
import signal

import pytest

from strangler.commands.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a thread redraws there")
def test_the_bar_is_drawn_again_inside_a_phase_and_leaves_the_signal_as_it_was(monkeypatch):
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    before = signal.getsignal(signal.SIGALRM)
    with Terminal("never").progress() as progress:
        progress("reading", 7, 7)
        assert "7/7" in screen.getvalue()
        progress("contexts", 0, 1)
        drawn = screen.getvalue().count("contexts")
        signal.raise_signal(signal.SIGALRM)
        assert screen.getvalue().count("contexts") > drawn
        assert "0/1" not in screen.getvalue()
        assert signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_stream_that_is_no_terminal_gets_no_bar(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with Terminal().working("contexts"):
        pass
    assert stream.getvalue() == ""
