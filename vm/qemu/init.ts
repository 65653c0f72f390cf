/**
 * The guest's first program, run by busybox from the initrd: loads modules, overlays this machine's root with a tmpfs,
 * and starts the second program. It uses `switch_root`: after a chroot the kernel could not find modprobe.
 */
export const initrdInit = `#!/bin/busybox sh
export PATH=/bin
fail() { echo "dmts-init: $*" >/dev/console; /bin/busybox poweroff -f; }
/bin/busybox mkdir -p /proc /sys /lower /rw /root
/bin/busybox mount -t proc proc /proc
for module in $(/bin/busybox cat /modules); do
  /bin/busybox insmod "/lib/$module" || fail "cannot load $module"
done
share() { /bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=524288,ro "$1" "$2" || fail "cannot mount $1"; }
share root /lower
/bin/busybox mount -t tmpfs -o mode=755,size=75% tmpfs /rw
/bin/busybox mkdir /rw/upper /rw/work
/bin/busybox mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work overlay /root || fail "cannot overlay the root"
cd /root
/bin/busybox mkdir -p proc sys dev run tmp
/bin/busybox mount -t sysfs sysfs sys
/bin/busybox mount -t devtmpfs devtmpfs dev
/bin/busybox mount -t tmpfs -o mode=755 tmpfs run
/bin/busybox mkdir -p run/dmts/job "lib/modules/$(/bin/busybox uname -r)"
share job run/dmts/job
share modules "lib/modules/$(/bin/busybox uname -r)"
/bin/busybox umount /proc
/bin/busybox mount -t proc proc proc
exec /bin/busybox switch_root /root /bin/sh /run/dmts/job/init.sh
fail "cannot switch to the root"
`;
