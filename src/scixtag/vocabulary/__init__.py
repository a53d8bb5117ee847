"""The controlled vocabulary: concepts, their order, their hierarchy, and the files they come from."""
