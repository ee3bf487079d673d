"""Third-party interface files are the ones recorded: version, licence and SHA-256 of each."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "app/static/vendor"
MANIFEST = VENDOR / "vendor.toml"


def recorded() -> dict[str, str]:
    packages = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]
    return {path: digest for package in packages for path, digest in package["files"].items()}


@pytest.mark.covers("e24")
def test_every_recorded_file_has_its_digest():
    for path, digest in recorded().items():
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path


@pytest.mark.covers("e24")
def test_no_third_party_file_is_unrecorded():
    kept = {p.relative_to(ROOT).as_posix() for p in VENDOR.iterdir() if p != MANIFEST}
    kept |= {p.relative_to(ROOT).as_posix() for p in (ROOT / "tests/vendor").iterdir()}
    assert kept == set(recorded())


def test_every_package_names_version_and_licence_and_keeps_its_licence_text():
    for package in tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]:
        assert package["version"]
        assert package["licence"]
        assert any("LICENSE" in path for path in package["files"]), package["name"]


def test_manifest_and_script_agree_on_versions():
    script = (ROOT / "deploy/vendor.py").read_text(encoding="utf-8")
    for package in tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]:
        assert f'"{package["name"]}"' in script
        assert f'"{package["version"]}"' in script


def test_interface_fonts_stay_within_their_budget():
    sizes = {p.name: p.stat().st_size for p in VENDOR.glob("*.woff2")}
    assert sum(size for name, size in sizes.items() if name.startswith("inter")) <= 60_000
    assert sum(size for name, size in sizes.items() if name.startswith("tinos")) <= 52_000
