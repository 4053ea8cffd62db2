"""What Internet mail is: parsing, classifying, folding quotes, composing. Knows no ticket; pure."""
