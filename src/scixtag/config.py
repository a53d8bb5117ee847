"""One TOML file to frozen dataclasses and back; a misspelt key is an error."""
