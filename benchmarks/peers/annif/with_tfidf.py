"""More of Annif than was asked for: its TF-IDF backend, alone and as a third member of the ensemble."""

import importlib.util
from pathlib import Path

specification = importlib.util.spec_from_file_location("annif_peer", Path(__file__).with_name("peer.py"))
peer = importlib.util.module_from_spec(specification)
specification.loader.exec_module(peer)
peer.PROJECTS["tfidf"] = f"[tfidf]\nname=tfidf\nbackend=tfidf\n{peer.SNOWBALL}"
peer.MEMBERS |= {"annif-tfidf": ("tfidf",), "annif-ensemble-3": ("bonsai", "mllm", "tfidf")}
TRAINING_ONLY, train, load = peer.TRAINING_ONLY, peer.train, peer.load
