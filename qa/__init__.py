"""Questions and answers: reader, answerer, chat, command line."""
