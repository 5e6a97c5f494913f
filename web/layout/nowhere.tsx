/** An address that names no view. */
export const Nowhere = () => (
  <main id="content" class="page" tabIndex={-1}>
    <div class="card empty">
      <h2>There is nothing at this address</h2>
      <a class="button" href="/">
        Go to the results
      </a>
    </div>
  </main>
);
