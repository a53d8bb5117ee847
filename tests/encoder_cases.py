"""Tiny, randomly initialised encoders, and the settings with which they learn the test corpus."""

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from scixtag.models.encoder.settings import EmbeddingSettings, EncoderSettings

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,;:-—+()'\"/"
WIDTH = 32

POSITIONS = 130


def _small(positions):
    return {
        "vocab_size": 2_000,
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": positions,
        "pad_token_id": 0,
    }


def _distilbert(positions):
    small = {"vocab_size": 2_000, "dim": WIDTH, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    return DistilBertModel(DistilBertConfig(**small, max_position_embeddings=positions))


def _modernbert(positions):
    special = {"bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
    return ModernBertModel(ModernBertConfig(**_small(positions), **special))


ARCHITECTURES = {
    "bert": lambda positions: BertModel(BertConfig(**_small(positions))),
    "distilbert": _distilbert,
    "roberta": lambda positions: RobertaModel(RobertaConfig(**_small(positions), bos_token_id=2, eos_token_id=3)),
    "modernbert": _modernbert,
}


def tokenizer(words):
    """A WordPiece tokenizer with whole words for `words` and letters for everything else."""
    pieces = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *sorted(set(words))]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


def write_encoder(folder, architecture="bert", words=(), positions=POSITIONS):
    """A pretrained encoder's folder, as the hub would give it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ARCHITECTURES[architecture](positions).save_pretrained(folder)
    tokenizer(words).save_pretrained(folder)
    return folder


def quick_settings(folder, **changes):
    """What learns sixty papers by heart in about two seconds."""
    settings = {
        "encoder": str(folder),
        "head": "mean",
        "max_length": 64,
        "epochs": 12,
        "batch_size": 10,
        "learning_rate": 5e-3,
        "schedule": "linear",
        "dropout": 0.0,
        "length_buckets": True,
        "precision": "float32",
    }
    return EncoderSettings(**(settings | changes))


def embedding_settings(folder, **changes):
    """With few names, for a random encoder makes nothing of them."""
    settings = {"encoder": str(folder), "max_length": 64, "label_text": 0.1, "cache": False}
    return EmbeddingSettings(**(settings | changes))
