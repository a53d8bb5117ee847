"""Nothing holds only for the UAT: another thesaurus, titles only, labels as numbers of its URIs."""

import json

import pyarrow.parquet as pq

from scixtag.cli.main import call


def test_titles_with_yso_subjects(shared, tmp_path, capsys):
    data = shared / "data" / "yso-titles"
    titles = pq.read_table(data / "titles.parquet").slice(0, 3000)
    pq.write_table(titles, tmp_path / "titles.parquet")
    source, model = str(tmp_path / "titles.parquet"), str(tmp_path / "m")
    vocabulary = str(data / "yso-en.tsv")
    # The default's 5,000 landmarks for each of eleven fits take minutes with so many concepts.
    quick = ["--set", "model.members.ridge.landmarks=300", "--set", "model.folds=3"]
    arguments = ["train", source, "--vocabulary", vocabulary, "--fold", "1/5", "--output", model, *quick, "--quiet"]
    assert call(arguments) == 0
    assert call(["evaluate", model, source, "--fold", "1/5", "--replicates", "20", "--json", "-", "--quiet"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["denominators"]["outside"] == 0
    assert report["denominators"]["papers"] == 600
    assert report["metrics"]["p@1"]["value"] > 0.03  # chance is below .001
    assert call(["suggest", model, "--title", titles["title"][0].as_py(), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert first["uri"] == f"http://www.yso.fi/onto/yso/p{first['id']}"
