"""Real models of sentence-transformers, with random weights, small enough to make on the spot."""

import json
from pathlib import Path

WORDS = ("the", "a", "cat", "dog", "fox", "sat", "barks", "mat", "den", "on", "in", "and", "runs")
LIMIT = 12


def tiny_text_model(folder: Path, *, seed: int = 0) -> Path:
    """A BERT of two layers of 16, with a word vocabulary, that reads 12 tokens."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    raw = folder / "raw"
    raw.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (raw / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(raw)
    BertTokenizerFast(vocab_file=str(raw / "vocab.txt")).save_pretrained(raw)
    words = Transformer(str(raw), max_seq_length=LIMIT)
    made = folder / "model"
    SentenceTransformer(modules=[words, Pooling(16)], device="cpu").save(str(made))
    return made


def tiny_image_model(folder: Path) -> Path:
    """A CLIP of one layer of 16 for each side, which sees 32 x 32 pixels."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import (
        CLIPConfig,
        CLIPImageProcessor,
        CLIPModel,
        CLIPProcessor,
        CLIPTokenizerFast,
    )

    raw = folder / "raw"
    raw.mkdir(parents=True)
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [
        *letters,
        *[f"{letter}</w>" for letter in letters],
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    (raw / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (raw / "merges.txt").write_text("#version: 0.2\n")
    torch.manual_seed(0)
    side = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2}  # fmt: skip
    config = CLIPConfig(
        text_config={**side, "vocab_size": len(tokens), "max_position_embeddings": 77,
                     "bos_token_id": 52, "eos_token_id": 53, "pad_token_id": 53},
        vision_config={**side, "image_size": 32, "patch_size": 8},
        projection_dim=8,
    )  # fmt: skip
    CLIPModel(config).save_pretrained(raw)
    tokenizer = CLIPTokenizerFast(vocab=str(raw / "vocab.json"), merges=str(raw / "merges.txt"))
    size = {"shortest_edge": 32}
    pictures = CLIPImageProcessor(size=size, crop_size={"height": 32, "width": 32})
    CLIPProcessor(image_processor=pictures, tokenizer=tokenizer).save_pretrained(raw)
    from sentence_transformers.models import CLIPModel as Clip

    made = folder / "model"
    SentenceTransformer(modules=[Clip(str(raw))], device="cpu").save(str(made))
    return made
