"""The index: encoder, vector search, keyword search, fusion, and the retriever over them."""
