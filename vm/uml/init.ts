/**
 * The guest's first program under user-mode Linux, run by this machine's sh on its root, read-only through hostfs: it
 * overlays that root with a tmpfs and starts the second program. It uses `pivot_root`: after a chroot the kernel could
 * not find modprobe. The tmpfs is on /sys, the only directory that never has a file of the job. io_uring is disabled:
 * user-mode Linux maps its pages incorrectly, and Linux 7.2 panics when Node 26 uses it. The arguments are the directory
 * of the job and that of the modules.
 */
export const umlInit = (job: string, modules: string): string => `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
job=${job}
modules=${modules}
fail() { echo "dmts-init: $*"; mount -t proc proc /proc 2>/dev/null; echo o >/proc/sysrq-trigger; sleep 60; }
insmod "$modules/kernel/fs/overlayfs/overlay.ko" || fail "cannot load overlay"
mount -t tmpfs -o mode=755,size=75% tmpfs /sys || fail "cannot mount a tmpfs"
mkdir /sys/upper /sys/work /sys/root
mount -t overlay -o "lowerdir=/,upperdir=/sys/upper,workdir=/sys/work" overlay /sys/root || fail "cannot overlay the root"
cd /sys/root
mkdir -p proc sys dev run tmp old "lib/modules/$(uname -r)"
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/dmts/job
mount --bind "$job" run/dmts/job || fail "cannot mount the job"
mount --bind "$modules" "lib/modules/$(uname -r)" || fail "cannot mount the modules"
pivot_root . old || fail "cannot change the root"
cd /
mount -t proc proc proc
mount -t sysfs sysfs sys
[ ! -e /proc/sys/kernel/io_uring_disabled ] || echo 2 >/proc/sys/kernel/io_uring_disabled
mount -t devtmpfs devtmpfs dev
exec >/dev/console 2>&1
umount -l /old
rmdir /old
exec /bin/sh /run/dmts/job/init.sh
`;
