package fraud_test

import (
	"testing"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/fraud/velocitytest"
)

func TestCounter(t *testing.T) {
	velocitytest.Run(t, func(*testing.T) fraud.Velocity { return new(fraud.Counter) })
}
