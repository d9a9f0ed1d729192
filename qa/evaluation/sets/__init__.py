"""Question sets as they come: JSONL and CSV of our own, SQuAD files, BEIR folders."""
