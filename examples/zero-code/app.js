import express from 'express';

/** Some work: finds the prime numbers below `limit`. */
function primes(limit) {
  const found = [];
  for (let n = 2; n < limit; n++) if (!found.some((prime) => n % prime === 0)) found.push(n);
  return found;
}

const app = express();
app.get('/reports', (request, response) => {
  response.json({ primes: primes(150_000).length });
});
app.get('/items/:id', (request, response) => {
  response.json({ id: request.params.id, primes: primes(70_000).length });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}`);
});
