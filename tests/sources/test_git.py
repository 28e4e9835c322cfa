"""git is read without running anything that the repository names, and says so where it lacks something."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from helpers.repository import GitRepository

from strangler.analyzers.history import changes
from strangler.limits import Limits
from strangler.sources import git, scan

FILES = {"shop/__init__.py": "", "shop/a.py": "a = 1\n", "shop/b.py": "b = 1\n"}


def coupled(root):
    """What the history of a tree couples, and the codes of the diagnostics."""
    found, diagnostics = changes(scan(root), since=None)
    return {(pair.a, pair.b) for pair in found.pairs}, {item.code for item in diagnostics}


def with_history(repository, prefix=""):
    for number in range(3):
        repository.commit(
            {f"{prefix}{path}": f"{text}# {number}\n" for path, text in FILES.items()}, f"Work {number}"
        )
    return repository


BOTH = ("shop.a", "shop.b")


def test_nothing_that_the_configuration_names_is_run(repository, tmp_path):
    """Every setting that makes git start a program, and the attributes that use them."""
    marker, program, hooks = tmp_path / "ran", tmp_path / "program", repository.path / ".git" / "hooks"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    program.chmod(0o755)
    with_history(repository)
    repository.commit({".gitattributes": "*.py filter=evil diff=evil merge=evil\n"}, "Attributes")
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
        shutil.copy(program, hooks / name)
    programs = """
        core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy pager.log
        core.alternateRefsCommand gpg.program gpg.ssh.program diff.external diff.evil.command mailmap.file
        diff.evil.textconv filter.evil.clean filter.evil.smudge filter.evil.process uploadpack.packObjectsHook
    """
    settings = dict.fromkeys(programs.split(), program)
    settings |= dict.fromkeys(("alias.log", "alias.ls-tree", "credential.helper"), f"!{program}")
    settings |= dict.fromkeys(("log.showSignature", "log.mailmap"), "true")
    settings |= {"core.hooksPath": hooks, "diff.orderFile": "/nowhere", "include.path": "/nowhere"}
    for name, value in settings.items():
        repository.git("config", name, str(value))
    subprocess.run(["git", "status"], cwd=repository.path, capture_output=True, check=False)
    assert marker.exists(), "the trap does not work"
    marker.unlink()
    tree = scan(repository.path)
    assert coupled(repository.path)[0] == {BOTH, ("shop", "shop.a"), ("shop", "shop.b")}
    assert git.revision(repository.path)
    assert not git.is_dirty(tree)
    assert not marker.exists(), marker.read_text()


def test_a_partial_clone_fetches_nothing(repository, tmp_path):
    with_history(repository)
    repository.move("shop/a.py", "shop/c.py")
    repository.commit({"shop/c.py": "c = 2\n", "shop/b.py": "b = 2\n"})
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git(
        "clone", "-q", "--filter=blob:none", f"file://{repository.path}", str(clone), where=tmp_path
    )
    marker = tmp_path / "ran"
    repository.git("config", "core.sshCommand", f"touch {marker}", where=clone)
    repository.git("config", "remote.origin.url", f"ext::sh -c 'touch {marker}'", where=clone)
    pairs, codes = coupled(clone)
    assert ("shop.b", "shop.c") in pairs  # a rename without edits needs no content
    assert not marker.exists()
    assert codes <= {"partial-history"}


def test_an_embedded_bare_repository_is_not_entered(repository, tmp_path):
    with_history(repository)
    marker = tmp_path / "ran"
    inner = repository.path / "shop"
    repository.git("init", "-q", "--bare", ".", where=inner)
    repository.git("config", "--file", str(inner / "config"), "core.fsmonitor", f"touch {marker}; false")
    assert git.revision(inner) == git.revision(repository.path)
    coupled(inner)
    assert not marker.exists()


def test_environment_variables_of_git_do_not_lead_elsewhere(repository, tmp_path, monkeypatch):
    with_history(repository)
    other = GitRepository(tmp_path / "other")
    other.commit({"x.py": ""})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert git.revision(repository.path) == (repository.path / ".git/refs/heads/main").read_text().strip()


@pytest.mark.parametrize("kind", ["file", "link", "commondir"])
def test_a_git_directory_that_is_somebody_else_s_is_not_read(repository, tmp_path, kind):
    private = with_history(GitRepository(tmp_path / "private"))
    root = tmp_path / "hostile"
    root.mkdir()
    (root / "a.py").write_text("")
    if kind == "file":
        (root / ".git").write_text(f"gitdir: {private.path}/.git\n")
    elif kind == "link":
        (root / ".git").symlink_to(private.path / ".git")
    else:
        repository.git("init", "-q", str(root))
        (root / ".git" / "commondir").write_text(f"{private.path}/.git\n")
    assert git.revision(root) is None
    assert coupled(root) == (set(), {"no-history"})


def test_replaced_objects_do_not_change_the_history(repository):
    first = repository.commit({"a.py": "1"}, "First")
    second = repository.commit({"a.py": "2"}, "Second")
    repository.git("replace", second, first)
    found, _ = changes(scan(repository.path))
    assert [commit.subject for commit in found.log] == ["First", "Second"]


def test_grafts_do_not_change_the_history(repository):
    repository.commit({"a.py": "1"}, "First")
    second = repository.commit({"a.py": "2"}, "Second")
    (repository.path / ".git" / "info").mkdir(exist_ok=True)
    (repository.path / ".git" / "info" / "grafts").write_text(f"{second}\n")
    assert repository.git("rev-list", "--count", "HEAD").strip() == "1"  # what git itself believes
    found, _ = changes(scan(repository.path))
    assert [commit.subject for commit in found.log] == ["First", "Second"]


def test_a_linked_worktree_and_a_submodule_have_their_own_history(repository, tmp_path):
    with_history(repository)
    worktree = tmp_path / "worktree"
    repository.git("worktree", "add", "-q", "--detach", str(worktree), "HEAD~1")
    assert git.revision(worktree) == repository.git("rev-parse", "HEAD~1").strip()
    above = GitRepository(tmp_path / "above")
    above.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.path), "part")
    assert git.revision(above.path / "part") == git.revision(repository.path)


def test_a_folder_of_a_repository_has_its_part_of_the_history(repository):
    with_history(repository, "backend/")
    repository.commit({"backend/shop/a.py": "x", "frontend/tool.py": "y"})
    root = repository.path / "backend"
    assert coupled(root)[0] == {BOTH, ("shop", "shop.a"), ("shop", "shop.b")}
    assert git.revision(root) == repository.git("rev-parse", "HEAD").strip()
    assert not git.is_dirty(scan(root))


def test_a_folder_that_the_repository_above_does_not_hold_has_no_revision(repository):
    with_history(repository)
    repository.write({"scratch/a.py": ""})
    assert git.revision(repository.path / "scratch") is None
    assert coupled(repository.path / "scratch") == (set(), {"no-history"})


def test_a_detached_head_is_the_commit_that_counts(repository):
    with_history(repository)
    old = repository.git("rev-parse", "HEAD~1").strip()
    repository.git("checkout", "-q", "--detach", old)
    assert git.revision(repository.path) == old
    assert changes(scan(repository.path))[0].commits == 2


def test_a_shallow_clone_says_so_and_its_cut_is_no_commit(repository, tmp_path):
    with_history(repository)
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.path}", str(clone), where=tmp_path)
    found, diagnostics = changes(scan(clone))
    assert found.commits == 1
    assert found.skipped == {"shallow": 1}
    assert [item.code for item in diagnostics] == ["shallow-history"]


def test_without_git_there_is_no_history_and_no_error(repository, monkeypatch, tmp_path):
    with_history(repository)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, (diagnostic,) = changes(scan(repository.path))
    assert (found.commits, found.pairs) == (0, ())
    assert "git is not installed" in diagnostic.message
    assert git.revision(repository.path) is None


def test_outside_a_repository_and_before_the_first_commit(repository, tmp_path):
    repository.write(FILES)
    outside = tmp_path / "outside"
    shutil.copytree(repository.path / "shop", outside)
    for root, words in ((outside, "not in a git repository"), (repository.path, "no commit")):
        found, (diagnostic,) = changes(scan(root))
        assert found.commits == 0
        assert words in diagnostic.message
        assert git.revision(root) is None
        assert not git.is_dirty(scan(root))


@pytest.mark.parametrize(
    ("change", "dirty"),
    [
        (lambda root: None, False),
        (lambda root: (root / "shop/a.py").write_text("a = 2\n"), True),
        (lambda root: (root / "shop/a.py").unlink(), True),
        (lambda root: (root / "shop/new.py").write_text(""), True),
        (lambda root: (root / "README").write_text("changed"), False),
        (lambda root: os.utime(root / "shop/a.py"), False),
        (lambda root: (root / "shop/a.py").write_bytes(b"a = 1\r\n# 2\r\n"), False),
    ],
    ids=["nothing", "edited", "deleted", "added", "another file", "touched", "line ends of the platform"],
)
def test_a_tree_is_dirty_where_its_python_differs_from_the_commit(repository, change, dirty):
    with_history(repository)
    change(repository.path)
    assert git.is_dirty(scan(repository.path)) is dirty


def test_a_filter_does_not_make_a_tree_dirty_or_clean(repository, tmp_path):
    with_history(repository)
    repository.write({".gitattributes": "*.py filter=blank"})
    repository.git("config", "filter.blank.clean", "true")
    assert not git.is_dirty(scan(repository.path))


def test_odd_file_names_are_told_apart(repository):
    names = {"shop/__init__.py": "", "shop/a => b.py": "1", "shop/tab\there.py": "2", "shop/été.py": "3",
             "shop/line\nbreak.py": "4", 'shop/"quoted".py': "5"}  # fmt: skip
    repository.commit(names)
    repository.commit({name: f"{text}0" for name, text in names.items()})
    (repo, _) = git.find_repository(repository.path)
    touched = {path for entry in repo.log() for _, path, _ in entry.changes}
    assert touched == set(names)
    assert repo.blobs("HEAD").keys() == set(names)


def test_no_writing_into_the_repository(repository):
    with_history(repository)
    before = {path: path.stat().st_mtime_ns for path in sorted(repository.path.rglob("*"))}
    git.is_dirty(scan(repository.path))
    coupled(repository.path)
    assert {path: path.stat().st_mtime_ns for path in sorted(repository.path.rglob("*"))} == before


def test_the_commits_that_git_itself_counts(repository):
    with_history(repository)
    repository.commit({"README": "no Python"})
    (repo, _) = git.find_repository(repository.path)
    expected = subprocess.run(
        ["git", "rev-list", "HEAD", "--", "*.py"],
        cwd=repository.path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [entry.sha for entry in repo.log()] == expected
    assert isinstance(repo.root, Path)


def dated(path, second):
    """A commit at that second of the epoch."""
    stamp = f"{second} +0000"
    identity = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "a@b", "GIT_AUTHOR_DATE": "@1 +0000"}
    tree = subprocess.run(
        ["git", "write-tree"], cwd=path, capture_output=True, text=True, check=True
    ).stdout.strip()
    text = f"tree {tree}\nauthor Ann <a@b> 1 +0000\ncommitter Ann <a@b> {stamp}\n\nodd\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=path, input=text, capture_output=True, text=True, check=True, env=os.environ | identity,
    )  # fmt: skip
    subprocess.run(["git", "update-ref", "HEAD", made.stdout.strip()], cwd=path, check=True)


@pytest.mark.parametrize("second", [253402300799, 9223372036854775000, 2**64, 0])
@pytest.mark.parametrize("since", ["3 years", "18 months", "90 days", "all"])
def test_a_commit_of_any_date_is_read(repository, second, since):
    with_history(repository)
    dated(repository.path, second)
    found, _ = changes(scan(repository.path), since=since)
    assert found.until is not None


def test_an_unreadable_place_is_said(repository, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_symlink", refuse)
    found, reason = git.find_repository(repository.path)
    assert found is None
    assert "cannot be read (Permission denied)" in reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
@pytest.mark.parametrize("name", ["shallow", "packed-refs", "info/grafts"])
def test_a_pipe_among_the_files_of_git_is_not_waited_for(repository, name):
    with_history(repository)
    place = repository.path / ".git" / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    _, diagnostics = changes(scan(repository.path), since=None)
    assert [item.message for item in diagnostics] == [".git is not the directory of a whole repository"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_a_git_that_does_not_answer_is_asked_once_and_named(repository):
    with_history(repository)
    os.mkfifo(repository.path / ".git" / "pipe")
    repository.git("config", "include.path", "pipe")
    limits = Limits(git_lookup_seconds=1)
    _, diagnostics = changes(scan(repository.path, limits=limits), since=None)
    told = "git rev-parse did not end in time (limit git-lookup-seconds: 1)"
    assert [item.message for item in diagnostics] == [told]
    found, _ = git.find_repository(repository.path)
    begin = time.monotonic()
    with pytest.raises(git.GitError, match="did not end in time"):
        found.run("version")  # not even started
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("entry", [".", "", "bin", "{tree}", "{tree}/bin"])
def test_no_git_of_the_tree_is_run(repository, entry, monkeypatch):
    with_history(repository)
    tree = repository.path
    (tree / "bin").mkdir()
    for place in (tree / "git", tree / "bin" / "git"):
        place.write_text(f"#!/bin/sh\ntouch {tree}/ran\n")
        place.chmod(0o755)
    monkeypatch.chdir(tree)
    monkeypatch.setenv("PATH", os.pathsep.join([entry.format(tree=tree), os.environ["PATH"]]))
    assert coupled(tree)[0]
    assert not (tree / "ran").exists()
    monkeypatch.setenv("PATH", entry.format(tree=tree))
    _, diagnostics = changes(scan(tree), since=None)
    assert "no folder of PATH outside the repository" in diagnostics[0].message
