package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cart21/cart21/sandbox/shop"
)

// serveAlone runs one simulator alone, so that workers and starter can be
// pointed at it by hand.
func serveAlone(ctx context.Context, o options, which, listen string) error {
	w := &world{o: o, say: progress, placed: map[string]placement{}, shop: newShop(o), erp: newERP(o), goods: catalogue()}
	stock(w.shop, w.erp, w.goods)
	var url string
	var err error
	switch which {
	case "xcart":
		url, err = w.serve(ctx, shopHandler(w.shop, o.xcart), listen)
		if err != nil {
			return err
		}
		fmt.Printf("X-Cart %s: XCART_URL=%s XCART_API=%s XCART_KEY=%s; an order is placed every %s\n", o.xcart, url, o.xcart, shopKey, w.pause())
		w.pokes = &pokes{manner: "off"}
		err = w.placeForever(ctx)
	case "p21":
		url, err = w.serve(ctx, erpHandler(w.erp, o.p21), listen)
		if err != nil {
			return err
		}
		fmt.Printf("Prophet 21: P21_URL=%s P21_API=%s P21_USERNAME=sandbox P21_PASSWORD=%s P21_COMPANY=01\n", url, o.p21, p21Password)
		w.erp.Run(ctx, 3*time.Second)
	default:
		return fmt.Errorf("-only %q is not known: xcart or p21", which)
	}
	w.serving.Wait()
	return err
}

func pokeOf(e shop.Event) poke {
	return poke{Event: e.Name, ID: strconv.Itoa(e.OrderID), Number: e.Number, Time: e.Time.UTC().Format(time.RFC3339)}
}

// write replaces a file of the data folder whole, so that a crash leaves the
// old one.
func (w *world) write(name string, save func(io.Writer) error) error {
	path := filepath.Join(w.dir, name)
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	if err := errors.Join(save(file), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (w *world) read(name string, load func(io.Reader) error) error {
	file, err := os.Open(filepath.Join(w.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	return load(file)
}
