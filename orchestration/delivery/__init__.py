"""Messages that leave the machine: by which server, and what is known of each."""
