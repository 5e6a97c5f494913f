/**
 * A module to be run in a thread or process of its own, beside the module that starts it: TypeScript while developing,
 * JavaScript in a deployment, where the build puts it beside the bundle.
 */
export const besides = (moduleUrl: string, name: string): URL =>
  new URL(`./${name}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl);
