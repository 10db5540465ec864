"""Saving and loading: the same densities to the last bit, and a clear word on every file that is not right."""

from __future__ import annotations

import json
import os
import stat
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st

import pyflows as pf
from pyflows import tensorfile
from pyflows.errors import ArgumentError, FileError, PyflowsError
from pyflows.files import from_bytes, to_bytes


@pytest.fixture(scope="module")
def data(fitted):
    return to_bytes(fitted)


def test_saved_and_loaded(fitted, frame, tmp_path):
    path = tmp_path / "fit.safetensors"
    pf.save(fitted, path)
    again = pf.load(str(path))
    np.testing.assert_array_equal(pf.log_prob(again, frame), pf.log_prob(fitted, frame))
    np.testing.assert_array_equal(pf.sample(again, 9, seed=1), pf.sample(fitted, 9, seed=1))
    for name in ("flow", "columns", "context_columns", "seed", "history", "facts", "dtype", "size", "standardize"):
        assert getattr(again, name) == getattr(fitted, name), name
    assert repr(again) == repr(fitted)
    assert again.summary() == fitted.summary()


def test_loaded_in_another_process(fitted, frame, tmp_path, python):
    pf.save(fitted, tmp_path / "fit")
    np.save(tmp_path / "x.npy", frame.to_numpy())
    python(
        "import sys, numpy as np, pyflows as pf\n"
        "folder = sys.argv[1]\n"
        "np.save(folder + '/out.npy', pf.log_prob(pf.load(folder + '/fit'), np.load(folder + '/x.npy')))",
        tmp_path,
    )
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), pf.log_prob(fitted, frame))


def test_files_are_safetensors_with_the_facts_in_their_metadata(fitted, tmp_path):
    from safetensors import safe_open

    pf.save(fitted, tmp_path / "fit")
    with safe_open(tmp_path / "fit", "numpy") as file:
        assert set(file.keys()) == set(fitted.weights)
        about = json.loads(file.metadata()["pyflows"])
    assert about["format"] == 1
    assert about["model"]["columns"] == ["long", "wide"]
    assert set(about["model"]) >= {"flow", "history", "versions", "seed", "dtype", "n", "weights_count", "stopped"}


def test_truncated_anywhere(data):
    for length in [*range(0, 12), *np.linspace(12, len(data) - 1, 60).astype(int)]:
        with pytest.raises(FileError) as caught:
            from_bytes(data[:length], "fit.safetensors")
        assert caught.value.message.startswith("fit.safetensors ")


def test_any_altered_byte_is_noticed(data):
    for place in np.linspace(0, len(data) - 1, 150).astype(int):
        altered = bytearray(data)
        altered[place] ^= 0x01
        try:
            again = from_bytes(bytes(altered))
        except PyflowsError as error:
            assert isinstance(error, FileError)
        else:  # only in the padding, which means nothing
            assert again.summary() == from_bytes(data).summary()


def test_altered_weights_are_noticed(data):
    altered = bytearray(data)
    altered[-3] ^= 0xFF
    with pytest.raises(FileError, match=r"was altered after it was written.*digest"):
        from_bytes(bytes(altered))


def rewritten(data, change):
    """A file whose digest is right, but whose content was changed: `change(arrays, about)`."""
    arrays, about = tensorfile.decode(data, "")
    arrays, about = dict(arrays), dict(about)
    change(arrays, about)
    about.pop("format")
    return tensorfile.encode(arrays, about)


def test_renamed_leaf(data):
    def rename(arrays, about):
        arrays["layers/0/shaft"] = arrays.pop("layers/0/shift")

    with pytest.raises(FileError, match="lacks the weights layers/0/shift"):
        from_bytes(rewritten(data, rename), "f")


def test_missing_extra_and_misshapen_leaves(data):
    with pytest.raises(FileError, match="f lacks the weights layers/1/slope"):
        from_bytes(rewritten(data, lambda arrays, about: arrays.pop("layers/1/slope")), "f")
    with pytest.raises(FileError, match="weights that the flow does not have: more"):
        from_bytes(rewritten(data, lambda arrays, about: arrays.update(more=np.zeros(2))), "f")
    change = {"layers/1/slope": np.zeros((2, 2), "float32")}
    with pytest.raises(FileError, match=r"layers/1/slope must be float32 \(2,\), not float32 \(2, 2\)"):
        from_bytes(rewritten(data, lambda arrays, about: arrays.update(change)), "f")
    change = {"layers/1/slope": np.zeros(2, "float64")}
    with pytest.raises(FileError, match=r"must be float32 \(2,\), not float64 \(2,\)"):
        from_bytes(rewritten(data, lambda arrays, about: arrays.update(change)), "f")


def test_newer_versions(data, monkeypatch):
    monkeypatch.setattr(tensorfile, "FORMAT", 2)
    newer = rewritten(data, lambda arrays, about: None)
    monkeypatch.undo()
    with pytest.raises(FileError, match="written in format 2; this version reads up to 1") as caught:
        from_bytes(newer, "f")
    assert caught.value.hint == "Update pyflows."

    def newer_flow(arrays, about):
        about["model"]["flow"]["pyflows"] = 99

    with pytest.raises(FileError, match=r"f cannot be rebuilt.*format 99"):
        from_bytes(rewritten(data, newer_flow), "f")


def test_incomplete_descriptions(data):
    with pytest.raises(FileError, match="holds no model"):
        from_bytes(rewritten(data, lambda arrays, about: about.pop("model")), "f")
    for key in ("event_size", "dtype", "columns", "seed", "history", "standardize"):
        with pytest.raises(FileError):
            from_bytes(rewritten(data, lambda arrays, about, key=key: about["model"].pop(key)), "f")


def test_foreign_files(tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "foreign"
    contents = {
        "not a pyflows file": [b"", b"x", b"hello, this is text", b"PK\x03\x04" + b"0" * 40, os.urandom(100)],
        "damaged": [struct.pack("<Q", 10) + b"{not json}"],
        "truncated": [struct.pack("<Q", 10**15) + b"{"],
    }
    for message, examples in contents.items():
        for content in examples:
            path.write_bytes(content)
            with pytest.raises(FileError, match=f"foreign.*{message}"):
                pf.load(path)
    save_file({"a": np.zeros(3)}, path)
    with pytest.raises(FileError, match="is a safetensors file, but not one that pyflows wrote"):
        pf.load(path)
    for content in (b"[1, 2]", b'{"__metadata__": 3}', b'{"__metadata__": {"pyflows": "[]", "pyflows_digest": "x"}}'):
        path.write_bytes(struct.pack("<Q", len(content)) + content)
        with pytest.raises(FileError):
            pf.load(path)


def test_missing_files_and_folders(fitted, tmp_path):
    with pytest.raises(FileError, match=r"Cannot read .*nowhere: No such file"):
        pf.load(tmp_path / "nowhere")
    with pytest.raises(FileError, match=r"Cannot read .*: Is a directory"):
        pf.load(tmp_path)
    with pytest.raises(FileError, match=r"Cannot write .*: there is no folder"):
        pf.save(fitted, tmp_path / "no" / "folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=r"Cannot write .*: Is a directory"):
        pf.save(fitted, tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]
    with pytest.raises(ArgumentError, match="`path` must be the path of a file, not None"):
        pf.save(fitted, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_without_permission(fitted, tmp_path):
    (tmp_path / "closed").write_bytes(b"")
    (tmp_path / "closed").chmod(0)
    with pytest.raises(FileError, match="Permission denied"):
        pf.load(tmp_path / "closed")
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="Permission denied"):
        pf.save(fitted, tmp_path / "new")


def test_writing_is_atomic(fitted, tmp_path, monkeypatch):
    path = tmp_path / "fit"
    path.write_bytes(b"old")

    def fail(*args):
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            with pytest.raises(FileError, match="No space left on device"):
                pf.save(fitted, path)
        assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["fit"]
    pf.save(fitted, path)
    assert pf.load(path).columns == fitted.columns and os.listdir(tmp_path) == ["fit"]


def test_files_have_ordinary_permissions(fitted, tmp_path):
    before = os.umask(0o027)
    try:
        pf.save(fitted, tmp_path / "fit")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "fit").stat().st_mode) == 0o640


def test_context_models_are_saved(fitted_context, table, context_table):
    again = from_bytes(to_bytes(fitted_context))
    assert again.context_size == 1
    expected = pf.log_prob(fitted_context, table, context_table)
    np.testing.assert_array_equal(pf.log_prob(again, table, context_table), expected)


arrays = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20).filter(
        lambda name: name != "__metadata__"
    ),
    numpy_st.arrays(
        st.sampled_from(["float32", "float64", "int32", "int64"]), numpy_st.array_shapes(min_dims=0, min_side=0)
    ),
    max_size=4,
)
plain = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=5)


@given(arrays, st.dictionaries(st.text().filter(lambda key: key != "format"), plain, max_size=3))
def test_tensor_files_give_back_what_they_got(arrays, about):
    data = tensorfile.encode(arrays, about)
    found, told = tensorfile.decode(data, "f")
    assert told == {"format": 1, **about}
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)
