import { start } from './zeroCode/start';

start(process.env);
