/**
 * A program whose SDK ends in the way that its argument names. Prints the exported figures as JSON.
 * All windows take 10 minutes, so that only the way of ending closes one.
 */
import { endings } from './endings';
import { providers } from './providers';
import { print } from './setup';
import { workerEndings } from './workerEndings';

const scenarios = { ...endings, ...workerEndings, ...providers };

async function main(): Promise<void> {
  print(await scenarios[process.argv[2] ?? '']?.());
}

void main();
