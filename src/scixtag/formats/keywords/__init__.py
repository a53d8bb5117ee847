"""The concepts of one paper as text to paste: into a manuscript, an article's XML, a DOI's metadata, a reference."""
