import assert from 'node:assert/strict';
import type { SamplerLabelStorage } from '../../src/labels/LabelStorage';

/**
 * Asserts that a flow has its owner regardless of the contexts that are entered in it, that it has
 * no label at first, and that code outside the flow does not have that owner.
 *
 * @param inFlow Called in the owned flow before any context is entered there.
 */
export async function assertFlowIsOwned(
  labels: SamplerLabelStorage,
  inFlow: () => void = () => undefined,
): Promise<void> {
  const owner = {};
  const seen: unknown[] = [];
  const look = (): void => void seen.push(labels.currentOwner());
  const kept = labels.createLabelContext({ rule: 'a' });
  await labels.run(kept, () =>
    labels.runOwned(owner, async () => {
      assert.equal(labels.currentLabelContext()?.labels, undefined);
      inFlow();
      look();
      await labels.run(kept, async () => {
        look();
        await Promise.resolve();
        look();
      });
      labels.enter(labels.createLabelContext({ rule: 'b' }));
      await Promise.resolve();
      look();
      const entered = labels.currentLabelContext();
      assert.deepEqual(entered?.labels, { rule: 'b' });
    }),
  );
  assert.deepEqual(seen, [owner, owner, owner, owner]);
  assert.equal(labels.currentOwner(), undefined);
  labels.run(kept, () => assert.equal(labels.currentOwner(), undefined));
}
