// The tests that need a real kernel: a process a file, one at a time, with patience for an emulated machine. Those in random/
// and storage/ take many minutes, and run only when they are named: npm run test:random, npm run test:storage.
const optIn = ['random', 'storage'].filter(
  (directory) => !process.argv.some((word) => word.includes(`/test/kernel/${directory}/`)),
);

export default {
  files: [
    'build/test/kernel/**/*.test.js',
    ...optIn.map((directory) => `!build/test/kernel/${directory}/**`),
  ],
  concurrency: 1,
  serial: true,
  timeout: '10m',
  workerThreads: false,
};
