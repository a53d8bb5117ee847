"""Fine-tuned transformers: the only room that imports torch, transformers and their kin."""
