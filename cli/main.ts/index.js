// A folder by this name, because a Node too old for TypeScript gives up on a file that ends in .ts before it reads it:
// `node cli/main.ts` runs this plain JavaScript, which says what is needed, or goes on.
import '../../bin/check-node.mjs';

await import('../program.ts');
