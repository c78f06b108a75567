// Vite sets BASE_URL to "/" for browser code; suites read that variable for the target's address.
delete process.env.BASE_URL;
