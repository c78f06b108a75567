// The text of a helper process: a module of this package whose function is called. Given to `node -e` by guardian.ts and
// by faults/fault-host.ts, so that no file of a source tree need be readable by Node itself.

import { isBuilt, moduleUrl, packageRoot } from '../model/package-files.ts';

/** `module` as in `moduleUrl`; `start` is the function that it exports. */
export async function helperProgram(module: string, start: string): Promise<string> {
  if (isBuilt) {
    const url = moduleUrl(module).href;
    return `import { ${start} } from ${JSON.stringify(url)}; await ${start}();`;
  }
  // Run from source: Node 20 cannot read TypeScript, so it gets one bundled text.
  const { build } = await import('esbuild');
  const result = await build({
    stdin: {
      contents: `import { ${start} } from './${module}.ts'; await ${start}();`,
      resolveDir: packageRoot(),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  });
  return result.outputFiles[0]!.text;
}
