"""Change coupling: which commits count, how much, and for which modules of today."""

import pytest
from helpers.repository import DAY, GitRepository

from strangler.analyzers.history import WindowError, changes, check_window
from strangler.contexts.views import history as coupling
from strangler.sources import scan


@pytest.fixture
def repository(tmp_path):
    return GitRepository(tmp_path / "repository")


def read(repository, **options):
    found, _ = changes(scan(repository.path), **options)
    return found


def pair(found, a, b):
    return next((one for one in found.pairs if (one.a, one.b) == (a, b)), None)


def contents(names, text):
    return {f"shop/{name}.py": f"{name} = {text!r}\n" for name in names}


def test_measures_follow_their_definitions(repository):
    for number in range(3):
        repository.commit(contents("ab", number))  # weight 1 each
    repository.commit(contents("abcde", "five"))  # weight 1/4
    repository.commit(contents("a", "alone"))  # weight 1
    found = read(repository)
    assert found.commits == 5
    coupling = pair(found, "shop.a", "shop.b")
    assert coupling.support == pytest.approx(3.25)
    assert coupling.confidence == pytest.approx(3.25 / 3.25)  # of b's weight, all with a
    assert coupling.lift == pytest.approx(3.25 * 4.25 / (4.25 * 3.25))
    assert pair(found, "shop.c", "shop.d") is None  # met once


def test_tests_and_migrations_are_in_the_log_but_make_no_pairs_and_weigh_nothing(repository):
    for number in range(2):
        repository.commit(
            {
                **contents("ab", number),
                "tests/test_a.py": f"{number}",
                "shop/migrations/0001_x.py": f"{number}",
            }
        )
    found = read(repository)
    assert [(one.a, one.b) for one in found.pairs] == [("shop.a", "shop.b")]
    assert found.pairs[0].support == 2.0
    assert found.log[0].modules == ("shop.a", "shop.b", "shop.migrations.0001_x", "tests.test_a")


def test_the_log_is_oldest_first_and_names_each_commit(repository):
    first = repository.commit(contents("ab", 1), "First")
    second = repository.commit(contents("b", 2), "Sécond <b>")
    log = read(repository).log
    assert [(c.sha, c.subject, c.modules) for c in log] == [
        (first, "First", ("shop.a", "shop.b")),
        (second, "Sécond <b>", ("shop.b",)),
    ]
    assert log[0].time < log[1].time


def test_chains_of_renames_lead_to_todays_module(repository):
    repository.commit({"old.py": "x = 1\n" * 20, "shop/b.py": "1"})
    repository.commit({"old.py": "x = 1\n" * 21, "shop/b.py": "2"})
    repository.move("old.py", "shop/middle.py")
    repository.commit({"shop/middle.py": "x = 1\n" * 22, "shop/b.py": "3"})
    repository.move("shop/middle.py", "shop/new.py")
    found = read(repository)
    assert pair(found, "shop.b", "shop.new").support == 3.0


def test_a_rename_with_edits_is_followed(repository):
    text = "".join(f"line_{number} = {number}\n" for number in range(40))
    repository.commit({"shop/a.py": text, "shop/b.py": "1"})
    repository.commit({"shop/a.py": text + "x = 1\n", "shop/b.py": "2"})
    repository.git("mv", "shop/a.py", "shop/c.py")
    repository.commit({"shop/c.py": text.replace("line_3 ", "line_three ")})
    assert pair(read(repository), "shop.b", "shop.c").support == 2.0


def test_a_module_that_became_a_package_keeps_its_history(repository):
    for number in range(2):
        repository.commit(
            {"shop/__init__.py": "", "shop/models.py": "x = 1\n" * (30 + number), "shop/b.py": f"{number}"}
        )
    repository.move("shop/models.py", "shop/models/__init__.py")
    assert pair(read(repository), "shop.b", "shop.models").support == 1.5  # the first has three files


def test_a_rename_on_a_branch_is_followed_for_commits_beside_it(repository):
    repository.commit({"shop/a.py": "x = 1\n" * 20, "shop/b.py": "0"})
    repository.git("checkout", "-q", "-b", "branch")
    repository.move("shop/a.py", "shop/c.py")
    repository.git("checkout", "-q", "main")
    repository.commit({"shop/a.py": "x = 1\n" * 20 + "y = 1\n", "shop/b.py": "1"})
    repository.commit({"shop/b.py": "2"})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge", "branch")
    found = read(repository)
    assert pair(found, "shop.b", "shop.c").support == 2.0
    assert found.skipped == {"merge": 1}


def test_a_new_file_under_an_old_name_does_not_inherit(repository):
    text = "x = 1\n" * 20
    for number in range(2):
        repository.commit({"shop/a.py": text + f"# {number}\n", "shop/b.py": f"{number}"})
    repository.move("shop/a.py", "shop/c.py")
    repository.commit({"shop/a.py": "another = True\n"})
    found = read(repository)
    assert pair(found, "shop.a", "shop.b") is None
    assert pair(found, "shop.b", "shop.c").support == 2.0


SHIM = "from shop.core import *\n"


def lines(name, count=20):
    return "".join(f"def {name}_{number}({name}):\n    return {name} + {number}\n" for number in range(count))


def test_a_module_that_left_a_shim_takes_its_history_along(repository):
    for number in range(3):
        repository.commit({"shop/cart.py": f"{lines('cart')}# {number}\n", "shop/price.py": f"{number}"})
    repository.commit(
        {
            "shop/core.py": f"{lines('cart')}# moved\n",
            "shop/cart.py": "from shop.core import *\n",
            "shop/x.py": "",
        }
    )
    for number in range(2):
        repository.commit({"shop/cart.py": f"{SHIM}# {number}\n", "shop/x.py": f"{number}"})
    found = read(repository)
    assert pair(found, "shop.core", "shop.price").support == 3.0
    assert pair(found, "shop.cart", "shop.price") is None
    assert pair(found, "shop.cart", "shop.x").support == 2.5


def test_a_module_that_lent_a_part_keeps_its_history(repository):
    for number in range(3):
        repository.commit(
            {"shop/cart.py": f"{lines('cart')}{lines('other')}# {number}\n", "shop/price.py": f"{number}"}
        )
    repository.commit({"shop/core.py": lines("cart"), "shop/cart.py": f"{lines('cart', 19)}{lines('other')}"})
    found = read(repository)
    assert pair(found, "shop.cart", "shop.price").support == 3.0
    assert pair(found, "shop.core", "shop.price") is None


def test_modules_that_swapped_their_names_keep_their_histories(repository):
    for number in range(2):
        repository.commit(
            {
                "shop/a.py": f"{lines('apple')}# {number}\n",
                "shop/price.py": f"{number}",
                "shop/b.py": lines("berry"),
            }
        )
    repository.commit({"shop/b.py": f"{lines('apple')}# 1\n", "shop/a.py": lines("berry")})
    repository.commit({"shop/b.py": f"{lines('apple')}# 2\n", "shop/price.py": "2"})
    found = read(repository)
    assert pair(found, "shop.b", "shop.price").support == 2.5  # one of three files, two of two
    assert pair(found, "shop.a", "shop.price") is None


@pytest.mark.parametrize(
    ("group_by", "support", "joined"), [("commit", None, 0), ("ticket", 2.0, 2), ("author-day", None, 0)]
)
def test_one_file_commits_of_a_ticket_can_be_read_as_one_change(repository, group_by, support, joined):
    for ticket in ("SHOP-1", "#2"):
        repository.commit({"shop/a.py": f"x = {ticket!r}"}, f"{ticket}: the one half")
        repository.commit({"shop/b.py": f"x = {ticket!r}"}, f"the other half ({ticket})")
    found = read(repository, group_by=group_by)
    coupling = pair(found, "shop.a", "shop.b")
    assert (coupling.support if coupling else None) == support
    assert (found.commits, found.grouped, found.group_by) == (4 - found.grouped, joined, group_by)


def test_one_file_commits_of_an_author_and_day_can_be_read_as_one_change(repository):
    for number in range(2):
        repository.commit({"shop/a.py": f"x = {number}"})
        repository.now -= DAY - 60
        repository.commit({"shop/b.py": f"x = {number}"})
        repository.now -= DAY - 60
        repository.commit({"shop/c.py": f"x = {number}"}, author="Bob <bob@example.org>")
    found = read(repository, group_by="author-day")
    assert pair(found, "shop.a", "shop.b").support == 2.0
    assert pair(found, "shop.a", "shop.c") is None
    assert (found.commits, found.grouped) == (4, 2)


def test_commits_that_say_nothing_are_left_out_and_counted(repository):
    repository.commit(contents("ab", 1))
    repository.commit({f"shop/m{number}.py": "1" for number in range(31)}, "Import everything")
    repository.commit(contents("ab", 2), "Bump", author="dependabot[bot] <support@github.com>")
    repository.commit(contents("ab", 3), "Build", author="Our Builder <builder@example.org>")
    repository.commit({f"shop/m{number}.py": "2" for number in range(10)}, "Run black over everything")
    repository.commit({f"shop/m{number}.py": "3" for number in range(10)}, "Update copyright years")
    ignored = repository.commit(contents("ab", 4), "Noise")
    listed = repository.commit(contents("ab", 5), "More noise")
    repository.commit({".git-blame-ignore-revs": f"# formatting\n{listed}\n", "shop/a.py": "6"})
    (repository.path / "shop/gone.py").write_text("")
    repository.commit({})
    (repository.path / "shop/gone.py").unlink()
    repository.commit({})
    found = read(repository, bots=["*@example.org", "Our *"][1:], ignore_revs=[ignored[:8]])
    assert found.skipped == {"bot": 2, "bulk": 1, "gone": 2, "ignored": 2, "mechanical": 2}
    assert found.commits == 2


@pytest.mark.parametrize(("files", "counted"), [(40, 2), (41, 0)])
def test_the_setting_alone_says_what_a_bulk_change_is(repository, files, counted):
    for text in ("1", "2"):
        repository.commit({f"shop/m{number}.py": text for number in range(files)})
    found = read(repository, max_files=40)
    assert found.commits == counted
    assert found.skipped.get("bulk", 0) == 2 - counted
    # What the history holds counts for contexts as well, however many modules a commit touches.
    index = {name: number for number, name in enumerate(sorted({n for c in found.log for n in c.modules}))}
    assert len(coupling(found, index).edges()) == counted // 2 * files * (files - 1) // 2


@pytest.mark.parametrize(
    ("author", "is_bot"),
    [
        ("renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>", True),
        ("OpenStack Proposal Bot <openstack-infra@lists.openstack.org>", True),
        ("pre-commit-ci <x@y.z>", True),
        ("Weblate <noreply@weblate.org>", True),
        ("Abbott Botham <botham@example.org>", False),
        ("Robot Lover <lover@robots.example>", False),
        ("Ada Lovelace <ada@bot.example>", False),
    ],
)
def test_bots_are_told_from_people(repository, author, is_bot):
    repository.commit(contents("ab", 1), author=author)
    assert read(repository).skipped.get("bot", 0) == is_bot


@pytest.mark.parametrize(
    ("subject", "mechanical"),
    [
        ("Apply black", True),
        ("Reformat the code", True),
        ("isort", True),
        ("Update license headers", True),
        ("Fix license check at checkout", False),
        ("Add a blacklist of customers", False),
        ("Sort orders by date", False),
    ],
)
def test_sweeps_are_told_from_work(repository, subject, mechanical):
    repository.commit({f"shop/m{number}.py": "1" for number in range(12)}, subject)
    assert read(repository).skipped.get("mechanical", 0) == mechanical


def test_the_window_ends_at_the_commit_and_not_today(repository):
    for number in range(30):
        repository.commit(contents("ab", number))
    found = read(repository, since="10 days")
    assert found.commits == 11
    assert (found.since, found.until) == ("2020-10-03", "2020-10-13")
    assert read(repository, since="all").commits == 30
    assert read(repository, since="2020-10-01", until="2020-10-05").commits in (4, 5)


def test_where_three_years_tell_little_the_whole_history_is_read_and_it_is_said(repository):
    for number in range(4):
        repository.commit(contents("ab", number))
    repository.now += 4 * 365 * DAY
    repository.commit(contents("ab", "archived"))
    found, notes = changes(scan(repository.path))
    assert (found.commits, found.since) == (5, None)
    assert "1 commit of the last 3 years can be counted: the whole history is read" in notes[0].message
    assert read(repository, since="3 years").commits == 1


def test_where_three_years_tell_enough_no_more_is_read(repository):
    repository.commit(contents("ab", "long ago"))
    repository.now += 4 * 365 * DAY
    for number in range(60):
        repository.commit(contents("ab", number))
    found, notes = changes(scan(repository.path))
    assert (found.commits, notes) == (60, [])


@pytest.mark.parametrize("window", ["3 years", "1 year", "18 months", "2 weeks", "2024-01-31", "all", None])
def test_windows_that_are_understood(window):
    check_window(window)


@pytest.mark.parametrize(
    "window", ["three years", "3", "yesterday", "31.01.2024", "--output=x", "3 years; rm"]
)
def test_windows_that_are_not_understood_are_refused_with_examples(window):
    with pytest.raises(WindowError, match="3 years"):
        check_window(window)


def test_the_same_history_gives_the_same_result(repository):
    for number in range(6):
        repository.commit(contents("abcdef"[: 2 + number % 4], number))
    assert read(repository) == read(repository)


def test_pairs_are_sorted_and_within_their_bounds(repository):
    for number in range(12):
        repository.commit(contents("abcdefg"[number % 3 : 3 + number % 5], number))
    pairs = read(repository).pairs
    assert list(pairs) == sorted(pairs, key=lambda one: (one.a, one.b))
    assert all(
        one.a < one.b and 0 < one.confidence <= 1 and one.support > 0 and one.lift > 0 for one in pairs
    )
