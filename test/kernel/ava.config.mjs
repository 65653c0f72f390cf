// The tests that need a real kernel: a process a file, one at a time, with patience for an emulated machine. Those in
// random/ run only when they are named: npm run test:random.
const isRandom = process.argv.some((word) => word.includes('/test/kernel/random/'));

export default {
  files: ['build/test/kernel/**/*.test.js', ...(isRandom ? [] : ['!build/test/kernel/random/**'])],
  concurrency: 1,
  serial: true,
  timeout: '10m',
  workerThreads: false,
};
