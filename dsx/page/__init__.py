"""Between the kernel and the page: what is sent, asked, answered and let go of."""
