package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/weir-data/weir/destinations"
)

// compactAt is the length of a history beyond which it is replaced, at start,
// by the state it leads to.
const compactAt = 32 << 20

// history is the file that a sandbox remembers by: one line of JSON a change,
// in order. A line is handed to the system before the request is answered, so
// it outlives the process; a torn last line is of a request without an answer.
type history struct {
	path string
	mu   sync.Mutex
	file *os.File
	buf  []byte
}

// replay applies the lines of the file to a box and goes on writing after them.
func (h *history) replay(box destinations.Sandbox) error {
	good, err := h.read(box)
	if err != nil {
		return err
	}
	if c, ok := box.(destinations.SandboxCompacter); ok && good > compactAt {
		return h.compact(box, c)
	}
	h.file, err = os.OpenFile(h.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open what the sandbox remembers: %w", err)
	}
	if err := h.file.Truncate(good); err != nil {
		return fmt.Errorf("cut the torn end of %s: %w", h.path, err)
	}
	if _, err := h.file.Seek(good, io.SeekStart); err != nil {
		return err
	}
	box.OnWrite(h.add)
	return nil
}

// read applies the whole lines, and returns how long they are together.
func (h *history) read(box destinations.Sandbox) (int64, error) {
	f, err := os.Open(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("open what the sandbox remembers: %w", err)
	}
	defer func() { _ = f.Close() }()
	var good int64
	r := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return good, nil // without its end it was never answered
		}
		if err != nil {
			return good, fmt.Errorf("read %s: %w", h.path, err)
		}
		if err := box.Apply(line[:len(line)-1]); err != nil {
			return good, fmt.Errorf("%s, line %d: %w (delete the file to start afresh)", h.path, n, err)
		}
		good += int64(len(line))
	}
}

// compact replaces the file by the state of the box, all at once.
func (h *history) compact(box destinations.Sandbox, c destinations.SandboxCompacter) error {
	tmp := h.path + ".new"
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = c.Compact(func(line []byte) error {
		if _, err := w.Write(line); err != nil {
			return err
		}
		return w.WriteByte('\n')
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = os.Rename(tmp, h.path)
	}
	if err != nil {
		_ = f.Close()
		return fmt.Errorf("shorten %s: %w", h.path, err)
	}
	h.file = f
	box.OnWrite(h.add)
	return nil
}

// add writes one line.
func (h *history) add(line []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return fs.ErrClosed
	}
	h.buf = append(append(h.buf[:0], line...), '\n')
	_, err := h.file.Write(h.buf)
	return err
}

func (h *history) clear() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return fs.ErrClosed
	}
	if err := h.file.Truncate(0); err != nil {
		return err
	}
	_, err := h.file.Seek(0, io.SeekStart)
	return err
}

func (h *history) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	err := h.file.Close()
	h.file = nil
	return err
}
