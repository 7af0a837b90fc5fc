"""Redocly and Spectral find nothing in the API's description, and TypeScript is content with it."""

from pathlib import Path

import pytest

from stemobs.api.openapi import whole
from tests.validators.tools import ROOT, run_validator

pytestmark = pytest.mark.trial

# A program that reads the API with the types made of the description. It compiles only if what
# answers always hold is promised, and what may be missing or null is not.
PROGRAM = """
import type { paths } from "./api";

type Answer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer A } } } };
} ? A : never;

declare const list: Answer<"/api/v1/programmes/">;
declare const programme: Answer<"/api/v1/programmes/{slug}/">;
declare const figures: Answer<"/api/v1/programmes/figures/">;
declare const changes: Answer<"/api/v1/changes/">;

export const total: number = list.count + figures.count + changes.revision;
export const next: string | null = list.next;
export const names: string[] = list.results.map((row) => row.name.trim());
export const firstYear: number | null = programme.year_start;
export const values: (number | null)[] = figures.results.map((row) => row.value);

// @ts-expect-error: only where `facets` asks for them
export const facets: object = list.facets;
// @ts-expect-error: null on the last page
export const always: string = list.next;
// @ts-expect-error: null where no amount is stated
export const amount: number = figures.results[0]!.value;

export const csv: paths["/api/v1/programmes.csv"]["get"]["responses"]["200"]["content"] = {
  "text/csv": "slug,name",
};
"""


@pytest.fixture
def description(tmp_path: Path) -> Path:
    """The description of the API as a file."""
    file = tmp_path / "openapi.json"
    file.write_bytes(whole.get_description_json())
    return file


def test_redocly_finds_nothing_in_the_description(
    description: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")):
        monkeypatch.setenv(name, value)
    found = run_validator("redocly", "lint", description, "--config", ROOT / "redocly.yaml")
    said = found.stdout + found.stderr
    assert found.returncode == 0, said
    assert "Your API description is valid" in said
    assert "warning" not in said.lower(), said


def test_spectral_finds_nothing_in_the_description(description: Path) -> None:
    rules = ROOT / "tests" / "validators" / "spectral.yaml"
    found = run_validator(
        "spectral", "lint", description, "--ruleset", rules, "--fail-severity", "hint"
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "No results with a severity of 'hint' or higher found" in found.stdout


def test_typescript_compiles_a_program_that_relies_on_what_is_always_there(
    description: Path,
) -> None:
    folder = description.parent
    made = run_validator("openapi-typescript", description, "-o", folder / "api.ts")
    assert made.returncode == 0, made.stderr
    (folder / "program.ts").write_text(PROGRAM)
    options = ("--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022")
    options += ("--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck")
    checked = run_validator("tsc", *options, folder / "program.ts")
    assert checked.returncode == 0, checked.stdout
