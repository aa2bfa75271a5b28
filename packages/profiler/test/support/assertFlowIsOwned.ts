import type { SamplerLabelStorage } from '../../src/labels/LabelStorage';
import assert from 'node:assert/strict';

/**
 * Asserts that a flow knows its owner whatever carriers are entered in it, has no label at first, and that nobody outside has that owner.
 *
 * @param inFlow Called in the owned flow before any carrier is entered there.
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
      const carried = labels.currentLabelContext();
      assert.deepEqual(carried?.labels, { rule: 'b' });
    }),
  );
  assert.deepEqual(seen, [owner, owner, owner, owner]);
  assert.equal(labels.currentOwner(), undefined);
  labels.run(kept, () => assert.equal(labels.currentOwner(), undefined));
}
