import assert from 'node:assert/strict';
import { LABEL_MODES } from '../support/labelModes';
import { runInChild } from '../support/runInChild';

describe('createLabelStorage', () => {
  for (const [mode, nodeOptions] of Object.entries(LABEL_MODES)) {
    it(`detects how Node.js carries labels, like the native part: ${mode}`, async () => {
      const script = `
        const { createLabelStorage } = load('labels/createLabelStorage');
        const { loadNative } = load('native/loadNative');
        const found = createLabelStorage().frameStorage !== undefined;
        console.log(found === loadNative().isAsyncContextFrameActive());
        const inAnother = new (require('node:async_hooks').AsyncLocalStorage)().run({}, createLabelStorage);
        console.log((inAnother.frameStorage !== undefined) === found);
      `;
      const { stdout, stderr } = await runInChild(script, { nodeOptions });
      assert.deepEqual({ stdout, stderr }, { stdout: 'true\ntrue\n', stderr: '' });
    });
  }
});
