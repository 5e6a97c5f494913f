import sharp from 'sharp';

// Every event brings another picture: a cache of operations only holds memory. One libvips thread per picture,
// because several pictures are in flight at once and their number is what fills the cores.
sharp.cache(false);
sharp.concurrency(1);

/** The one configured entry to libvips: everything that decodes or encodes imports it from here. */
export { sharp };
