"""`scixtag vocabulary show|search|path`."""

import json
from typing import TYPE_CHECKING, Any

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.vocabulary.concept import Concept, Vocabulary


@click.group("vocabulary")
def command() -> None:
    """Look into a vocabulary V.

    V is `sample`, a SKOS file (.rdf, .ttl, .jsonld), the UAT's JSON list, Annif's TSV, or a UAT release (`uat:5.1.0`).
    CONCEPT is a number, a URI or a preferred name.
    """


@command.command("show")
@click.argument("v")
@click.argument("concept", required=False)
@options.json_option
def show(v: str, concept: str | None, as_json: bool) -> None:
    """Show one CONCEPT, or without it a summary of the vocabulary."""
    from scixtag.cli.console import show_table
    from scixtag.workflows.preparation import named_vocabulary

    vocabulary = named_vocabulary(v)
    facts = _summary(vocabulary) if concept is None else _concept_facts(vocabulary, find(vocabulary, concept))
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    show_table("", ("", ""), [(key, _text(value)) for key, value in facts.items() if value not in ("", [], ())])


@command.command("search")
@click.argument("v")
@click.argument("query")
@options.limit_option(help_text="Most concepts to list.")
@options.json_option
def search(v: str, query: str, limit: int, as_json: bool) -> None:
    """Find concepts by preferred or alternative name."""
    from scixtag.cli.console import show_table
    from scixtag.vocabulary.search import search_concepts
    from scixtag.workflows.preparation import named_vocabulary

    found = search_concepts(named_vocabulary(v), query, limit)
    if as_json:
        listing = [{"id": c.id, "uri": c.uri, "name": c.name, "alternatives": c.alternatives} for c in found]
        click.echo(json.dumps(listing, ensure_ascii=False))
        return
    if not found:
        click.echo(f"nothing found for '{query}'")
        return
    rows = [(str(c.id), c.name + (" (deprecated)" if c.deprecated else ""), "; ".join(c.alternatives)) for c in found]
    title = f"the first {limit}" if len(rows) == limit else f"{len(rows)} found"
    show_table(title, ("id", "name", "also called"), rows)


@command.command("path")
@click.argument("v")
@click.argument("concept")
@options.json_option
def path(v: str, concept: str, as_json: bool) -> None:
    """Show every path from a root down to CONCEPT."""
    from scixtag.vocabulary.hierarchy import Hierarchy
    from scixtag.workflows.preparation import named_vocabulary

    vocabulary = named_vocabulary(v)
    paths = Hierarchy(vocabulary).paths(find(vocabulary, concept))
    if as_json:
        click.echo(json.dumps([[vocabulary[c].id for c in steps] for steps in paths]))
        return
    for steps in paths:
        click.echo(" > ".join(f"{vocabulary[c].name} ({vocabulary[c].id})" for c in steps))


def find(vocabulary: "Vocabulary", reference: str) -> int:
    """The column of a concept that a person named.

    Raises:
        InputError: There is none; the message offers the nearest.
    """
    from scixtag.errors import InputError
    from scixtag.vocabulary.search import search_concepts

    column = vocabulary.resolve(reference)
    if column is None:
        near = ", ".join(f"{c.name} ({c.id})" for c in search_concepts(vocabulary, reference, 3))
        raise InputError(
            f"no concept '{reference}'; " + (f"near: {near}" if near else "try `scixtag vocabulary search`")
        )
    return column


def _summary(vocabulary: "Vocabulary") -> dict[str, Any]:
    from scixtag.vocabulary.hierarchy import Hierarchy

    hierarchy = Hierarchy(vocabulary)
    deprecated = sum(concept.deprecated for concept in vocabulary)
    return {
        "title": vocabulary.title,
        "release": vocabulary.release,
        "concepts in use": len(vocabulary) - deprecated,
        "deprecated": deprecated,
        "alternative names": sum(len(concept.alternatives) for concept in vocabulary),
        "definitions": sum(bool(concept.definition) for concept in vocabulary),
        "top concepts": [vocabulary[c].name for c in hierarchy.roots if not vocabulary[c].deprecated][:20],
        "fingerprint": vocabulary.fingerprint,
    }


def _concept_facts(vocabulary: "Vocabulary", column: int) -> dict[str, Any]:
    from scixtag.vocabulary.hierarchy import Hierarchy

    hierarchy = Hierarchy(vocabulary)
    concept = vocabulary[column]
    return {
        "id": concept.id,
        "uri": concept.uri,
        "name": concept.name,
        "deprecated": "yes" if concept.deprecated else "",
        "use instead": _named([vocabulary[vocabulary.column(i)] for i in concept.successors]),
        "also called": list(concept.alternatives),
        "definition": concept.definition,
        "broader": _named([vocabulary[c] for c in hierarchy.parents(column)]),
        "narrower": _named([vocabulary[c] for c in hierarchy.children(column)]),
        "related": _named([vocabulary[vocabulary.column(i)] for i in concept.related]),
    }


def _named(concepts: list["Concept"]) -> list[str]:
    return [f"{concept.name} ({concept.id})" for concept in concepts]


def _text(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)
