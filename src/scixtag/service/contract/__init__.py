"""What is sent and got: requests, answers, problems, and the document that describes them."""
