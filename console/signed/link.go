package signed

import (
	"strings"
	"time"
)

// Link leads from an alert to one decision about one hold. Following it decides
// nothing: it opens the page on which a person decides. It is good for one
// decision, because it names the moment since when the order is held, and a
// decision ends that hold.
type Link struct {
	WorkflowID string    `json:"id"`
	RunID      string    `json:"run"`
	Decision   string    `json:"decision"` // approve or reject
	Since      time.Time `json:"since"`
}

// LinkPath is where the console answers links, under its root.
const LinkPath = "/link/"

const linkPurpose = "link"

// Address is the URL of a link, below the console's public root.
func (k Key) Address(root string, l Link, expires time.Time) (string, error) {
	token, err := k.Sign(linkPurpose, l, expires)
	return strings.TrimRight(root, "/") + LinkPath + token, err
}

// Link reads a link from its token, the last part of its address.
func (k Key) Link(token string, now time.Time) (l Link, err error) {
	err = k.Read(linkPurpose, token, now, &l)
	return l, err
}

// About reports whether the link is about the hold that began then. Search
// attributes keep milliseconds, processes nanoseconds: they may differ by so much.
func (l Link) About(since time.Time) bool {
	return l.Since.Sub(since).Abs() < time.Second
}
