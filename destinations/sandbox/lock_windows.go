package sandbox

import (
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the lock of a file, for as long as it is open, or says that
// another process has it.
func tryLock(f *os.File) bool {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped)) == nil
}
